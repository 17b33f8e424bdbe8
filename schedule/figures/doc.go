// Package figures draws the paper's figures from any case and plan: inputs
// (its Figure 5), purchase and sale of each park (6), charge and discharge of
// each park (7), the storage's trade with the grid (8), its power and energy
// (9); and costs by size of the storage. Each is written as SVG and PNG.
//
// The figures' contents follow Liu & Ai 2024 (doi 10.3389/fenrg.2024.1476620).
package figures
