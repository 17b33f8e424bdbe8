package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"filippo.io/age"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/sesame-energy/sesame/backup"
)

func newBackupCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "backup",
		Short: "Encrypted backups of a role's folder: keys, configuration, databases",
		Long: `Encrypted backups of a role's folder: its keys, its configuration and its own
databases, in the format of age. Whoever opens one is that role. A backup of a park
or a member opens days that the machine itself has erased: destroy backups that are
older than the contest term (docs/operations.md).`,
	}
	command.AddCommand(newBackupKeyCommand(), newBackupCreateCommand(), newBackupRestoreCommand())
	return command
}

func newBackupKeyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "key FILE",
		Short: "Draw a key for backups; keep FILE away from the machine",
		Long: `Draw a key for backups (X25519 and ML-KEM-768), write its secret half to FILE, mode
0600, and print its public half, which create takes. FILE is what restore needs:
keep it where the machine's failure does not reach it, and not on the machine.`,
		Example: "  sesame backup key park1-backup.key",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			public, err := backup.NewKey(arguments[0])
			if err != nil {
				return refusedOr(err)
			}
			_, err = fmt.Fprintln(command.OutOrStdout(), public)
			return err
		},
	}
}

func newBackupCreateCommand() *cobra.Command {
	var out, passphrase string
	var recipients []string
	command := &cobra.Command{
		Use:   "create HOME --out FILE",
		Short: "Write the backup of a role's folder; its daemon may run",
		Long: `Write the backup of a role's folder to a new file, mode 0600. The daemon may run:
each database is copied as it stands at one moment. Left out are a node's copy of the
ledger and a member's day keys, which come back from the ledger, and what a validator
signed last, which is true only on its own machine. Without --to a passphrase is
asked for, or read from --passphrase-file.`,
		Example: "  sesame backup create net/park1 --out park1.age --to age1pq1..",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if out == "" {
				return badInput(errors.New("--out is missing: name the file of the backup"))
			}
			to, err := backupRecipients(command, recipients, passphrase)
			if err != nil {
				return badInput(err)
			}
			made, err := backup.Create(command.Context(), arguments[0], out, to...)
			if err != nil {
				return refusedOr(err)
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%s: backup of %s, %d files, %d bytes\n", out, made.Name, made.Files, made.Bytes)
			return err
		},
	}
	flags := command.Flags()
	flags.StringVar(&out, "out", "", "file of the backup, which must not exist yet")
	flags.StringArrayVar(&recipients, "to", nil, "public key that may open it, age1pq1.. (repeatable)")
	flags.StringVar(&passphrase, "passphrase-file", "", "file of mode 0600 with the passphrase")
	return command
}

func backupRecipients(command *cobra.Command, keys []string, file string) ([]age.Recipient, error) {
	if len(keys) > 0 && file != "" {
		return nil, errors.New("--to and --passphrase-file: a backup opens with one or the other")
	}
	if len(keys) == 0 {
		text, err := passphrase(command, file, true)
		if err != nil {
			return nil, err
		}
		recipient, _, err := backup.Passphrase(text)
		return []age.Recipient{recipient}, err
	}
	var recipients []age.Recipient
	for _, key := range keys {
		recipient, err := backup.Recipient(key)
		if err != nil {
			return nil, fmt.Errorf("--to: %w", err)
		}
		recipients = append(recipients, recipient)
	}
	return recipients, nil
}

func newBackupRestoreCommand() *cobra.Command {
	var home, key, passphraseFile, lastSigned string
	var through int64
	command := &cobra.Command{
		Use:   "restore FILE --home DIR",
		Short: "Lay a backup out in an empty folder",
		Long: `Lay a backup out in a folder that is empty or does not exist, folders of mode 0700 and
files of mode 0600, complete or not at all. genesis.json is no part of a role's
folder: put it where the configuration names it.

A member's folder holds a consensus key, and two votes for one height and round cost
the member its seat. First make sure that the old machine will never run again. Then
say what it signed last: --last-signed names the file node/data/last-signed.json that
was rescued from its disk; where nothing is left, --signed-through is the height that
another member shows now, and ten more.`,
		Example: "  sesame backup restore park1.age --home net/park1 --key park1-backup.key\n" +
			"  sesame backup restore member1.age --home net/member1 --key member1-backup.key --signed-through 40210",
		Args: cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if home == "" {
				return badInput(errors.New("--home is missing: name the folder to lay the backup out in"))
			}
			last, err := lastSignedOf(command, lastSigned, through)
			if err != nil {
				return badInput(err)
			}
			opener, err := backupIdentity(command, key, passphraseFile)
			if err != nil {
				return badInput(err)
			}
			restored, err := backup.Restore(arguments[0], home, last, opener)
			if errors.Is(err, backup.ErrUnnamed) {
				return badInput(fmt.Errorf("%w: --last-signed FILE or --signed-through HEIGHT", err))
			}
			if err != nil {
				return refusedOr(err)
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%s: %s as it was at %s, %d files, %d bytes\n",
				home, restored.Name, restored.Made.Format("2006-01-02 15:04:05 MST"), restored.Files, restored.Bytes)
			if last != nil && err == nil {
				_, err = fmt.Fprintf(command.OutOrStdout(), "%s: signs nothing below height %d\n", home, last.Height())
			}
			return err
		},
	}
	flags := command.Flags()
	flags.StringVar(&home, "home", "", "folder to lay the backup out in, empty or missing")
	flags.StringVar(&key, "key", "", "file of the key that opens it, of \"sesame backup key\"")
	flags.StringVar(&passphraseFile, "passphrase-file", "", "file of mode 0600 with the passphrase")
	flags.StringVar(&lastSigned, "last-signed", "", "of a member: the file that was rescued from the lost machine")
	flags.Int64Var(&through, "signed-through", 0, "of a member: height up to which the lost machine can have signed")
	return command
}

func backupIdentity(command *cobra.Command, key, file string) (age.Identity, error) {
	if key != "" && file != "" {
		return nil, errors.New("--key and --passphrase-file: a backup opens with one or the other")
	}
	if key != "" {
		return backup.ReadKey(key)
	}
	text, err := passphrase(command, file, false)
	if err != nil {
		return nil, err
	}
	_, opener, err := backup.Passphrase(text)
	return opener, err
}

// lastSignedOf is nil where neither flag is given.
func lastSignedOf(command *cobra.Command, file string, through int64) (*backup.LastSigned, error) {
	switch given := command.Flags().Changed("signed-through"); {
	case given && file != "":
		return nil, errors.New("--last-signed and --signed-through: say one; the rescued file knows better")
	case file != "":
		return backup.ReadLastSigned(file)
	case given:
		return backup.SignedThrough(through)
	}
	return nil, nil
}

// passphrase reads the passphrase from a file, or asks for it on the terminal,
// twice where a slip would lose the backup.
func passphrase(command *cobra.Command, file string, twice bool) (string, error) {
	if file != "" {
		text, err := backup.ReadSecret(file)
		return strings.TrimRight(text, "\r\n"), err
	}
	terminal := int(os.Stdin.Fd())
	if !term.IsTerminal(terminal) {
		return "", errors.New("no key and no passphrase: say --to or --key, or --passphrase-file; on a terminal it is asked for")
	}
	ask := func(words string) (string, error) {
		fmt.Fprint(command.ErrOrStderr(), words)
		text, err := term.ReadPassword(terminal)
		fmt.Fprintln(command.ErrOrStderr())
		return string(text), err
	}
	text, err := ask("passphrase: ")
	if err != nil || !twice {
		return text, err
	}
	again, err := ask("once more: ")
	if err == nil && again != text {
		err = errors.New("the two passphrases differ")
	}
	return text, err
}

// refusedOr is the exit code of what a backup says: bad input where the disk
// does not have it, no where it is there and is not so.
func refusedOr(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return badInput(err)
	}
	return notSo(err)
}
