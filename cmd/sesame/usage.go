package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// exampleFile is the annotation of a daemon's command that names the
// configuration file of its example.
const exampleFile = "example-file"

// settle gives the commands below root what all of them have: a group without
// or with another word than its own is wrong usage, and each has an example.
func settle(command *cobra.Command) {
	var words, examples []string
	for _, below := range command.Commands() {
		settle(below)
		words = append(words, below.Name())
		examples = append(examples, strings.TrimRight(below.Example, "\n"))
	}
	if len(words) > 0 && command.HasParent() && !command.Runnable() {
		command.RunE = func(command *cobra.Command, arguments []string) error { return unknownWord(command, words, arguments) }
	}
	switch {
	case command.Example != "":
	case len(examples) > 0:
		command.Example = strings.Join(examples, "\n")
	case command.Annotations[exampleFile] != "":
		command.Example = fmt.Sprintf("  %s --config %s", command.CommandPath(), command.Annotations[exampleFile])
	default:
		command.Example = "  " + command.CommandPath()
	}
}

func unknownWord(command *cobra.Command, words, arguments []string) error {
	expected := strings.Join(words, " or ")
	if len(arguments) == 0 {
		return badInput(errors.New(command.Name() + ": say " + expected))
	}
	return badInput(fmt.Errorf("unknown command %q for %q, expected %s", arguments[0], command.CommandPath(), expected))
}
