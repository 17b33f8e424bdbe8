package client_test

import (
	"fmt"
	"testing"

	"github.com/sesame-energy/sesame/client"
	"github.com/sesame-energy/sesame/node"
	"github.com/sesame-energy/sesame/node/nodetest"
)

// five is a network of five members at the default pace, with a client.
func five(b *testing.B) *client.Client {
	network := nodetest.New(b, 5)
	for _, m := range network.Members {
		m.Config.Timeouts = node.Timeouts{}
	}
	network.Start(network.Members...)
	network.Reach(3, network.Members...)
	c, err := client.New(client.Config{URLs: []string{network.Members[0].URL()}, Anchor: anchorOf(network)})
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// From submission until the client knows the block.
func BenchmarkSubmit(b *testing.B) {
	c := five(b)
	for i := 0; b.Loop(); i++ {
		if _, err := c.Submit(b.Context(), fmt.Appendf(nil, "key%d=value", i)); err != nil {
			b.Fatal(err)
		}
	}
}

// A record with proof from the newest state, headers verified as they come.
func BenchmarkGet(b *testing.B) {
	c := five(b)
	for b.Loop() {
		if _, err := c.Get(b.Context(), "height"); err != nil {
			b.Fatal(err)
		}
	}
}
