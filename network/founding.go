package network

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/member"
)

// Account names of the two companies.
const (
	GridName     = "grid"
	OperatorName = "operator"
)

// writeGenesis draws the keys of all that sign and writes the document.
func (d *draft) writeGenesis() error {
	limit, _ := pace(d.options.Factor)
	founding := genesis.Founding{
		ChainID: d.options.ChainID, Time: d.options.Begin, Factor: d.options.Factor,
		Cap: limit, Threshold: d.options.Threshold, Padding: d.options.Padding,
		Parks: map[string]genesis.Keys{},
	}
	for index := 1; index <= d.options.Members; index++ {
		founder, err := d.found(index)
		if err != nil {
			return err
		}
		founding.Members = append(founding.Members, founder)
	}
	for _, park := range d.options.Case.Parks {
		public, err := d.create(park.Name)
		if err != nil {
			return err
		}
		founding.Parks[park.Name] = genesis.Keys{Signing: public.Key, Sealing: public.SealingKey}
	}
	for name, party := range map[string]*genesis.Party{GridName: &founding.Grid, OperatorName: &founding.Operator} {
		public, err := d.create(name)
		if err != nil {
			return err
		}
		*party = genesis.Party{Name: name, Key: public.Key, SealingKey: public.SealingKey}
	}
	var err error
	if d.document, err = genesis.FromCase(d.options.Case, founding); err != nil {
		return err
	}
	encoded, err := genesis.Encode(d.document)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(d.dir, GenesisFile), encoded, 0o644)
}

// found is member number index with fresh keys. The grid company, the storage
// operator and a regulator own the first three, parks the others.
func (d *draft) found(index int) (genesis.Member, error) {
	name := fmt.Sprintf("member%d", index)
	public, err := d.create(name)
	if err != nil {
		return genesis.Member{}, err
	}
	consensus, err := member.CreateConsensusKey(filepath.Join(d.dir, name))
	if err != nil {
		return genesis.Member{}, err
	}
	owners := []string{"grid company", "storage operator", "regulator"}
	founder := genesis.Member{
		Name: name, Index: uint8(index),
		Key: public.Key, SealingKey: public.SealingKey, ConsensusKey: consensus,
	}
	if index <= len(owners) {
		founder.Owner = owners[index-1]
		return founder, nil
	}
	parks := d.options.Case.Parks
	founder.Park = parks[(index-len(owners)-1)%len(parks)].Name
	founder.Owner = founder.Park
	return founder, nil
}
