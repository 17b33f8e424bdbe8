// Package view turns the indexed records into what the page shows: one struct
// per section, in the shapes of the JSON API. Power is W, energy Wh, prices
// 1e-6 currency per kWh, money 1e-6 currency, time Unix seconds of the ledger;
// every figure comes with the key of the record that it is from.
//
// It only reads. Values of the feed that are not what their key promises are
// left out and never stop it: a page must survive every feed.
package view
