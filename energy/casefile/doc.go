// Package casefile reads a case: a folder with case.yaml and the CSV files
// that it names, written by hand, by a spreadsheet or by pandas.
//
// It is strict, because a plan on a case that was misread is worse than none:
// unknown keys, missing columns, gaps, duplicates, non-numbers, negative
// power, values beyond a stated capacity are errors that name file, line, key
// or column, value and expectation. Numbers never pass through floating point.
// Whether a case has a solution is not decided here.
package casefile
