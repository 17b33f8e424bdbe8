package committee

import (
	"github.com/sesame-energy/sesame/ledger/contract"
	"github.com/sesame-energy/sesame/ledger/genesis"
	"github.com/sesame-energy/sesame/ledger/record"
)

// InitGenesis writes what a valid genesis document says; hash is the SHA-256 of
// its bytes, so that the state commits to every one of them.
func InitGenesis(ctx contract.Context, document genesis.Document, hash []byte) {
	record.Save(ctx.State, ParametersKey, Parameters{
		Chain: document.ChainID, Genesis: hash, Epoch: 1,
		Threshold: document.Threshold, Minimum: document.Minimum, Consent: document.Consent,
		Padding: document.PaddingPower(), Minutes: document.Minutes,
		TariffLead: document.Gates.TariffLead, DailyLead: document.Gates.DailyLead,
		ReadingLag: document.Gates.ReadingLag, BillTerm: document.Gates.BillTerm, Contest: document.Gates.Contest,
		Grid: document.Grid.Name, Operator: document.Operator.Name,
	})
	record.Save(ctx.State, StorageKey, storageOf(document.Storage))
	record.Save(ctx.State, SharingKey(0), Sharing{
		Reference: document.Sharing.Reference, OperatorShare: document.Sharing.OperatorShare,
	})
	initMembers(ctx.State, document.Members, document.Threshold)
	for _, park := range document.Parks {
		saveAccount(ctx.State, park.Name, RolePark, park.Key, park.SealingKey)
		record.Save(ctx.State, ParkKey(park.Name), Park{
			Name: park.Name, SurplusCapacity: park.SurplusCapacity, DeficitCapacity: park.DeficitCapacity,
		})
	}
	saveAccount(ctx.State, document.Grid.Name, RoleGrid, document.Grid.Key, document.Grid.SealingKey)
	saveAccount(ctx.State, document.Operator.Name, RoleOperator, document.Operator.Key, document.Operator.SealingKey)
}

func initMembers(state record.State, members []genesis.Member, threshold int) {
	var validators Validators
	keepers := Keepers{Epoch: 1, Threshold: threshold, State: KeepersInForce, From: 1, Holders: []uint8{}, Cause: "genesis"}
	for _, member := range members {
		saveAccount(state, member.Name, RoleMember, member.Key, member.SealingKey)
		record.Save(state, MemberKey(member.Name), Member{
			Name: member.Name, Owner: member.Owner, Park: member.Park,
			Index: member.Index, ConsensusKey: member.ConsensusKey,
		})
		validators.Keys = append(validators.Keys, member.ConsensusKey)
		keepers.Seats = append(keepers.Seats, Seat{Name: member.Name, Key: member.SealingKey})
	}
	record.Save(state, KeepersKey(keepers.Epoch), keepers)
	record.Save(state, ValidatorsKey, validators)
}

func saveAccount(state record.State, name string, role Role, key, sealing []byte) {
	record.Save(state, AccountKey(name), Account{Name: name, Role: role, Key: key, SealingKey: sealing})
}

func storageOf(s genesis.Storage) Storage {
	return Storage{
		Power: s.Power, Capacity: s.Capacity, Minimum: s.Minimum, Maximum: s.Maximum,
		Start: s.Start, End: s.End, EndRule: s.EndRule,
		ChargeEfficiency: s.ChargeEfficiency, DischargeEfficiency: s.DischargeEfficiency,
		Fee: s.Fee, GridTrade: s.GridTrade,
	}
}

// document is the storage in the form in which genesis validates it.
func (s Storage) document() genesis.Storage {
	return genesis.Storage{
		Power: s.Power, Capacity: s.Capacity, Minimum: s.Minimum, Maximum: s.Maximum,
		Start: s.Start, End: s.End, EndRule: s.EndRule,
		ChargeEfficiency: s.ChargeEfficiency, DischargeEfficiency: s.DischargeEfficiency,
		Fee: s.Fee, GridTrade: s.GridTrade,
	}
}
