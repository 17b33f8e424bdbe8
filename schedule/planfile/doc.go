// Package planfile is a plan as a file: the object of the case format, with
// the storage's rows, each park's rows, costs and bills, and the certificate.
//
// Statement makes it of a plan, sharing the storage's powers out to the parks;
// Check judges such a file from anybody, trusting nothing in it. The package
// does not know the solver.
package planfile
