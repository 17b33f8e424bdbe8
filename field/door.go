package field

import (
	"crypto/subtle"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// door lets clients into the broker: all, or those with the one user name and
// password. Whoever is in may read and write every topic.
type door struct {
	mqtt.HookBase
	username, password string // username "": all
}

// ID implements mqtt.Hook.
func (d *door) ID() string { return "door" }

// Provides implements mqtt.Hook.
func (d *door) Provides(event byte) bool {
	return event == mqtt.OnConnectAuthenticate || event == mqtt.OnACLCheck
}

// OnConnectAuthenticate implements mqtt.Hook.
func (d *door) OnConnectAuthenticate(_ *mqtt.Client, connect packets.Packet) bool {
	if d.username == "" {
		return true
	}
	name := subtle.ConstantTimeCompare(connect.Connect.Username, []byte(d.username))
	word := subtle.ConstantTimeCompare(connect.Connect.Password, []byte(d.password))
	return name&word == 1
}

// OnACLCheck implements mqtt.Hook.
func (d *door) OnACLCheck(*mqtt.Client, string, bool) bool { return true }
