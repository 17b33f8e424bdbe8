package sharefile

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sesame-energy/sesame/vault"
	"github.com/sesame-energy/sesame/vault/shamir"
)

// ErrWrongShare reports a share that does not fit the commitments or belongs to
// another public file.
var ErrWrongShare = errors.New("wrong share")

// Share is one member's file, secret.
type Share struct {
	Member int

	public   [32]byte
	partials []vault.Partial // per time
}

// shareFile is the form of a Share in JSON.
type shareFile struct {
	Format string   `json:"format"`
	Public string   `json:"public"` // digest of the public file, hexadecimal
	Member int      `json:"member"`
	Rows   [][]byte `json:"rows"` // base64 of value and blinding
}

// MarshalJSON writes the share's file.
func (s *Share) MarshalJSON() ([]byte, error) {
	file := shareFile{Format: format, Public: hex.EncodeToString(s.public[:]), Member: s.Member}
	for _, partial := range s.partials {
		encoded, err := partial.MarshalBinary()
		if err != nil {
			return nil, err
		}
		file.Rows = append(file.Rows, encoded)
	}
	return json.Marshal(file)
}

// ParseShare reads a share's file. ErrNotJSON: it is no such file. ErrWrongShare:
// it says something that cannot be right.
func ParseShare(text []byte) (*Share, error) {
	var file shareFile
	if err := decodeStrictly(text, &file); err != nil {
		return nil, err
	}
	if file.Format != format {
		return nil, fmt.Errorf("%w: format %q, want %q", ErrWrongShare, file.Format, format)
	}
	digest, err := hex.DecodeString(file.Public)
	if err != nil || len(digest) != 32 {
		return nil, fmt.Errorf("%w: %q is no digest of a public file", ErrWrongShare, file.Public)
	}
	if file.Member < 1 || file.Member > shamir.MaxMembers {
		return nil, fmt.Errorf("%w: member %d, want 1..%d", ErrWrongShare, file.Member, shamir.MaxMembers)
	}
	s := &Share{Member: file.Member, public: [32]byte(digest)}
	for k, row := range file.Rows {
		partial, err := vault.DecodePartial(row)
		if err != nil {
			return nil, fmt.Errorf("%w: row %d: %w", ErrWrongShare, k+1, err)
		}
		s.partials = append(s.partials, partial)
	}
	return s, nil
}

// Split shares a series among members, any threshold of whom rebuild it.
func Split(series *Series, threshold, members int) (*Public, []*Share, error) {
	commitments, parts, err := vault.Split(series.Values, threshold, members)
	if err != nil {
		return nil, nil, err
	}
	public := &Public{Threshold: threshold, Members: members, Times: series.Times, commitments: commitments}
	digest, err := public.Digest()
	if err != nil {
		return nil, nil, err
	}
	shares := make([]*Share, members)
	for i := range shares {
		shares[i] = &Share{Member: i + 1, public: digest, partials: parts[i]}
	}
	return public, shares, nil
}

// Verify reports whether share is the right one (ErrWrongShare).
func (p *Public) Verify(share *Share) error {
	digest, err := p.Digest()
	if err != nil {
		return err
	}
	switch {
	case share.public != digest:
		return fmt.Errorf("%w: it belongs to another public file, or this one was changed", ErrWrongShare)
	case share.Member > p.Members:
		return fmt.Errorf("%w: member %d, there are %d", ErrWrongShare, share.Member, p.Members)
	case len(share.partials) != len(p.Times):
		return fmt.Errorf("%w: %d rows, want %d", ErrWrongShare, len(share.partials), len(p.Times))
	}
	wrong, err := vault.CheckPartials(uint8(share.Member), p.commitments, share.partials)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrWrongShare, err)
	}
	if wrong != nil {
		return fmt.Errorf("%w: %d of %d rows do not fit the commitments, the first is row %d (%s)",
			ErrWrongShare, len(wrong), len(p.Times), wrong[0]+1, p.Times[wrong[0]])
	}
	return nil
}

// Combine rebuilds the series from shares that Verify accepts, of at least the
// threshold of different members.
func (p *Public) Combine(shares []*Share) (*Series, error) {
	posts := map[uint8][]vault.Partial{}
	for _, share := range shares {
		posts[uint8(share.Member)] = share.partials
	}
	sums, err := vault.Open(p.Threshold, p.commitments, posts)
	if err != nil {
		return nil, err
	}
	series := &Series{Times: p.Times, Values: make([]uint64, len(sums))}
	for k, sum := range sums {
		if !sum.Value.IsUint64() || sum.Value.Uint64() > vault.MaxValue {
			return nil, fmt.Errorf("row %d (%s): the shared value is %v W, want 0..%d", k+1, p.Times[k], sum.Value, uint64(vault.MaxValue))
		}
		series.Values[k] = sum.Value.Uint64()
	}
	return series, nil
}
