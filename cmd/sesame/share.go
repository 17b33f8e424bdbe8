package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sesame-energy/sesame/vault/shamir"
	"github.com/sesame-energy/sesame/vault/sharefile"
)

// maxShareFile bounds what is read of one file, bytes.
const maxShareFile = 1 << 30

const publicName = "public.json"

func newShareCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "share",
		Short: "Share a series among people, with files",
		Long: `Share a series of powers so that any threshold of the members rebuild it,
fewer learn nothing, and each can check that its share is right.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return badInput(errors.New("share: say split, verify or combine"))
		},
	}
	command.AddCommand(newShareSplitCommand(), newShareVerifyCommand(), newShareCombineCommand())
	return command
}

func newShareSplitCommand() *cobra.Command {
	var members, threshold int
	var folder string
	command := &cobra.Command{
		Use:   "split SERIES.csv",
		Short: "Write public.json and one share per member",
		Long: `Write public.json and share-1.json, share-2.json, .. to a folder without shares.

SERIES.csv has the columns time,value: kW with at most three decimals and no
needless zeros. The times stand in public.json in clear. Give each member its
share and public.json, then delete the shares.`,
		Example: "  sesame share split load.csv --members 5 --threshold 3 --out shares",
		Args:    cobra.ExactArgs(1),
		RunE: func(command *cobra.Command, arguments []string) error {
			if err := shamir.CheckThreshold(threshold, members); err != nil {
				return badInput(fmt.Errorf("--threshold %d, --members %d: %w", threshold, members, err))
			}
			if folder == "" {
				return badInput(errors.New("--out is missing: name a folder for the shares"))
			}
			return splitSeries(command.OutOrStdout(), arguments[0], folder, threshold, members)
		},
	}
	command.Flags().IntVar(&members, "members", 5, "how many members get a share, 2..255")
	command.Flags().IntVar(&threshold, "threshold", 3, "how many shares rebuild the series, 2..members")
	command.Flags().StringVar(&folder, "out", "", "folder for the files, made where it is missing")
	return command
}

func splitSeries(out io.Writer, path, folder string, threshold, members int) error {
	text, err := readBounded(path)
	if err != nil {
		return badInput(err)
	}
	series, err := sharefile.ParseSeries(text)
	if err != nil {
		return badInput(fmt.Errorf("%s: %w", path, err))
	}
	if err := refuseUsedFolder(folder); err != nil {
		return err
	}
	public, shares, err := sharefile.Split(series, threshold, members)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return badInput(err)
	}
	for _, share := range shares {
		if err := writeNew(filepath.Join(folder, fmt.Sprintf("share-%d.json", share.Member)), share, 0o600); err != nil {
			return err
		}
	}
	if err := writeNew(filepath.Join(folder, publicName), public, 0o644); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s: %s and %d shares of %d values; any %d rebuild them\n",
		folder, publicName, members, len(series.Values), threshold)
	return err
}

// refuseUsedFolder keeps shares of an earlier split from being overwritten or
// mixed with new ones.
func refuseUsedFolder(folder string) error {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return badInput(err)
	}
	for _, entry := range entries {
		if isShare, _ := filepath.Match("share-*.json", entry.Name()); isShare || entry.Name() == publicName {
			return notSo(fmt.Errorf("%s has %s already: choose another folder", folder, entry.Name()))
		}
	}
	return nil
}

// writeNew writes value as JSON to a file that must not exist yet.
func writeNew(path string, value json.Marshaler, mode os.FileMode) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return notSo(err)
	}
	if _, err := file.Write(append(text, '\n')); err != nil {
		return errors.Join(notSo(err), file.Close())
	}
	return file.Close()
}

func newShareVerifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "verify PUBLIC.json SHARE.json",
		Short:   "Check one share against the commitments",
		Example: "  sesame share verify shares/public.json shares/share-2.json",
		Args:    cobra.ExactArgs(2),
		RunE: func(command *cobra.Command, arguments []string) error {
			public, err := readPublic(arguments[0])
			if err != nil {
				return err
			}
			share, err := readShare(public, arguments[1])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(command.OutOrStdout(), "%s is the share of member %d, one of %d of which any %d rebuild %d values\n",
				arguments[1], share.Member, public.Members, public.Threshold, len(public.Times))
			return err
		},
	}
}

func newShareCombineCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "combine PUBLIC.json SHARE.json ..",
		Short: "Rebuild the series from a threshold of shares",
		Long: `Rebuild the series and print it as CSV, byte for byte what was split. Wrong
shares are named and left out.`,
		Example: "  sesame share combine public.json share-1.json share-4.json share-5.json > load.csv",
		Args:    cobra.MinimumNArgs(2),
		RunE: func(command *cobra.Command, arguments []string) error {
			public, err := readPublic(arguments[0])
			if err != nil {
				return err
			}
			shares := rightShares(command.ErrOrStderr(), public, arguments[1:])
			if len(shares) < public.Threshold {
				return notSo(fmt.Errorf("right shares of %d members, want at least %d", len(shares), public.Threshold))
			}
			series, err := public.Combine(shares)
			if err != nil {
				return notSo(err)
			}
			_, err = command.OutOrStdout().Write(series.CSV())
			return err
		},
	}
}

// rightShares reads the shares that are right, one per member, and names the
// others.
func rightShares(words io.Writer, public *sharefile.Public, paths []string) []*sharefile.Share {
	var shares []*sharefile.Share
	from := map[int]string{}
	for _, path := range paths {
		share, err := readShare(public, path)
		if err != nil {
			fmt.Fprintf(words, "left out: %v\n", err)
			continue
		}
		if first, ok := from[share.Member]; ok {
			fmt.Fprintf(words, "left out: %s: the share of member %d once more, after %s\n", path, share.Member, first)
			continue
		}
		from[share.Member] = path
		shares = append(shares, share)
	}
	return shares
}

func readPublic(path string) (*sharefile.Public, error) {
	text, err := readBounded(path)
	if err != nil {
		return nil, badInput(err)
	}
	public, err := sharefile.ParsePublic(text)
	if errors.Is(err, sharefile.ErrNotJSON) {
		return nil, badInput(fmt.Errorf("%s: %w", path, err))
	}
	if err != nil {
		return nil, notSo(fmt.Errorf("%s: no share can be right for it: %w", path, err))
	}
	return public, nil
}

// readShare reads a share and checks it.
func readShare(public *sharefile.Public, path string) (*sharefile.Share, error) {
	text, err := readBounded(path)
	if err != nil {
		return nil, badInput(err)
	}
	share, err := sharefile.ParseShare(text)
	if errors.Is(err, sharefile.ErrNotJSON) {
		return nil, badInput(fmt.Errorf("%s: %w", path, err))
	}
	if err == nil {
		err = public.Verify(share)
	}
	if err != nil {
		return nil, notSo(fmt.Errorf("%s: %w", path, err))
	}
	return share, nil
}

func readBounded(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxShareFile+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxShareFile {
		return nil, fmt.Errorf("%s: more than %d bytes", path, maxShareFile)
	}
	return text, nil
}
