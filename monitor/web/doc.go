// Package web serves the monitor: one page from embedded assets, a JSON API of
// what package view knows, server-sent events for what is new, and the light
// client's word on any record.
//
// It sets no cookies, takes no writes, loads nothing from outside and trusts
// no value of the feed: the page builds its elements by script under a content
// security policy that forbids everything else (docs/adr/0007-web-technique.md).
package web
