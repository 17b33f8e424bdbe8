// Package peers holds tests and benchmarks only: it writes the full mixed
// integer model of a case, park by park as the paper has it, as an LP file,
// has GLPK, CBC and HiGHS solve it as processes of their own, and compares
// cost, feasibility and time with package schedule. All of it lives in test
// files, so that no program can come to depend on a foreign solver; whatever
// is not installed is skipped in words.
//
//	go test ./schedule/peers                          60 random cases and more
//	go test ./schedule/peers -peers.cases=500         all of them
//	go test ./schedule/peers -run '^$' -bench .       times and ratios
//
// HiGHS is the npm package highs, which is HiGHS compiled to WebAssembly; `npm
// ci` in the folder highs installs it.
//
// Source of the model: Liu & Ai 2024, section 3.1 (doi
// 10.3389/fenrg.2024.1476620).
package peers
