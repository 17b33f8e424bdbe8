package backup

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
)

// MinPassphrase is the least length of a passphrase, bytes.
const MinPassphrase = 12

const (
	maxWork     = 20      // of a passphrase's key derivation, log2: some seconds
	maxKeyBytes = 1 << 16 // of a key file
)

// Passphrase encrypts and decrypts by a passphrase: scrypt, then ChaCha20-Poly1305.
func Passphrase(text string) (*age.ScryptRecipient, *age.ScryptIdentity, error) {
	if len(text) < MinPassphrase {
		return nil, nil, fmt.Errorf("the passphrase has %d bytes: expected at least %d", len(text), MinPassphrase)
	}
	recipient, err := age.NewScryptRecipient(text)
	if err != nil {
		return nil, nil, errors.New("the passphrase is not usable") // the reason might quote it
	}
	opener, err := age.NewScryptIdentity(text)
	if err != nil {
		return nil, nil, errors.New("the passphrase is not usable")
	}
	opener.SetMaxWorkFactor(maxWork)
	return recipient, opener, nil
}

// Recipient reads a public key, "age1pq1..". Keys without the post-quantum half
// are refused: a backup is kept for years.
func Recipient(text string) (age.Recipient, error) {
	recipient, err := age.ParseHybridRecipient(text)
	if err != nil {
		return nil, fmt.Errorf("recipient %.20q..: expected a hybrid key, age1pq1.., of `sesame backup key` or `age-keygen -pq`", text)
	}
	return recipient, nil
}

// NewKey draws a key for backups, writes its secret half to a new file of mode
// 0600, in the form of age's own key files, and returns the public half.
func NewKey(path string) (string, error) {
	key, err := age.GenerateHybridIdentity()
	if err != nil {
		return "", fmt.Errorf("draw backup key: %w", err)
	}
	public := key.Recipient().String()
	err = writeNew(path, func(out io.Writer) error {
		_, err := fmt.Fprintf(out, "# public key: %s\n%s\n", public, key)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("backup key: %w", err)
	}
	return public, nil
}

// ReadKey reads the secret half of a key for backups.
func ReadKey(path string) (age.Identity, error) {
	text, err := ReadSecret(path)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if key, err := age.ParseHybridIdentity(line); err == nil {
			return key, nil
		}
		break
	}
	return nil, fmt.Errorf("%s: expected a hybrid key, AGE-SECRET-KEY-PQ-1.., of `sesame backup key` or `age-keygen -pq`", path)
}

// ReadSecret reads a short file that nobody else may read.
func ReadSecret(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return "", err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return "", fmt.Errorf("%s has mode %04o: expected 0600, secrets are for their owner only", path, mode)
	}
	content, err := io.ReadAll(io.LimitReader(file, maxKeyBytes+1))
	if err != nil {
		return "", err
	}
	if len(content) > maxKeyBytes {
		return "", fmt.Errorf("%s: more than %d bytes", path, maxKeyBytes)
	}
	return string(content), nil
}
