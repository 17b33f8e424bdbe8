package casefile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/sesame-energy/sesame/energy"
)

const (
	maxDocument = 1 << 20 // bytes of case.yaml
	maxNesting  = 32      // levels of case.yaml; the parser's work grows with their square
)

// mapping is one level of case.yaml. Every key must be taken with one of its
// methods; what is left at the end is unknown. The first error is kept.
type mapping struct {
	file   string
	path   string // "storage.", or "" at the top
	line   int
	values map[string]*ast.MappingValueNode
	known  []string
	err    *Error
}

// readDocument reads the only document of case.yaml.
func readDocument(file string) (*mapping, error) {
	data, err := readBounded(file, maxDocument)
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if line := tooDeep(data); line > 0 {
		return nil, &Error{File: file, Line: line, Expected: fmt.Sprintf("nested deeper than %d levels", maxNesting)}
	}
	parsed, err := parseYAML(data)
	if err != nil {
		return nil, syntaxError(file, err)
	}
	var body ast.Node
	for _, document := range parsed.Docs {
		if document.Body == nil {
			continue
		}
		if body != nil {
			return nil, &Error{File: file, Line: document.Body.GetToken().Position.Line, Expected: "a second document, expected one only"}
		}
		body = document.Body
	}
	if body == nil {
		return nil, &Error{File: file, Expected: "empty, expected the keys of a case"}
	}
	return newMapping(file, "", body)
}

// parseYAML turns a panic of the parser, which reads outside input, into an error.
func parseYAML(data []byte) (parsed *ast.File, err error) {
	defer func() {
		if caught := recover(); caught != nil {
			err = fmt.Errorf("not YAML: %v", caught)
		}
	}()
	return parser.ParseBytes(data, 0)
}

func readBounded(file string, most int64) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, openError(file, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, openError(file, err)
	}
	if int64(len(data)) > most {
		return nil, &Error{File: file, Expected: fmt.Sprintf("larger than %d bytes", most)}
	}
	return data, nil
}

func openError(file string, err error) *Error {
	reason := err
	if path := new(os.PathError); errors.As(err, &path) {
		reason = path.Err
	}
	return &Error{File: file, Expected: reason.Error(), Cause: err}
}

// tooDeep gives the line where brackets or list markers nest too deep, or 0.
func tooDeep(data []byte) int {
	depth := 0
	for number, line := range bytes.Split(data, []byte("\n")) {
		markers := 0
		for i, c := range line {
			switch {
			case c == '[' || c == '{':
				depth++
			case c == ']' || c == '}':
				depth = max(0, depth-1)
			case (c == '-' || c == '?' || c == ':') && (i+1 == len(line) || line[i+1] == ' '):
				markers++
			}
			if depth > maxNesting || markers > maxNesting {
				return number + 1
			}
		}
	}
	return 0
}

var yamlPlace = regexp.MustCompile(`^\[(\d+):(\d+)\] ([^\n]*)`)

// syntaxError brings the parser's message, with its excerpt of the source,
// into our form.
func syntaxError(file string, err error) *Error {
	found := yamlPlace.FindStringSubmatch(err.Error())
	if found == nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return &Error{File: file, Expected: first, Cause: err}
	}
	line, _ := strconv.Atoi(found[1])
	return &Error{File: file, Line: line, Expected: found[3], Cause: err}
}

func newMapping(file, path string, node ast.Node) (*mapping, error) {
	var values []*ast.MappingValueNode
	switch node := node.(type) {
	case *ast.MappingNode:
		values = node.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{node}
	default:
		return nil, &Error{File: file, Line: lineOf(node), Field: strings.TrimSuffix(path, "."), Expected: "expected keys with values"}
	}
	m := &mapping{file: file, path: path, line: lineOf(node), values: make(map[string]*ast.MappingValueNode, len(values))}
	for _, value := range values {
		key, plain := value.Key.(*ast.StringNode)
		if !plain {
			return nil, &Error{File: file, Line: lineOf(value.Key), Field: strings.TrimSuffix(path, "."), Expected: fmt.Sprintf("key %s, expected a plain word", quote(value.Key.String()))}
		}
		if _, twice := m.values[key.Value]; twice {
			return nil, &Error{File: file, Line: lineOf(key), Field: path + key.Value, Expected: "stands twice"}
		}
		m.values[key.Value] = value
	}
	return m, nil
}

func lineOf(node ast.Node) int {
	if t := node.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

// take gives the value of a key, nil where it is absent.
func (m *mapping) take(key string) ast.Node {
	m.known = append(m.known, key)
	if value, ok := m.values[key]; ok {
		return value.Value
	}
	return nil
}

// fail keeps the first error.
func (m *mapping) fail(node ast.Node, key, expected string) {
	if m.err != nil {
		return
	}
	line := m.line
	if value, ok := m.values[key]; ok {
		line = lineOf(value.Key)
	} else if node != nil {
		line = lineOf(node)
	}
	m.err = &Error{File: m.file, Line: line, Field: m.path + key, Expected: expected}
}

// scalar gives a plain or quoted value as text; ok is false where there is
// none or it is null, which is an error where the key is required.
func (m *mapping) scalar(key string, required bool) (text string, quoted, ok bool) {
	node := m.take(key)
	if node == nil {
		if required {
			m.fail(nil, key, "missing")
		}
		return "", false, false
	}
	switch node := node.(type) {
	case *ast.StringNode:
		kind := node.GetToken().Type
		return node.Value, kind == token.SingleQuoteType || kind == token.DoubleQuoteType, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return node.GetToken().Value, false, true
	case *ast.NullNode:
		if required {
			m.fail(node, key, "has no value")
		}
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		m.fail(node, key, "anchors, aliases and tags are not used in a case, expected a value")
	default:
		m.fail(node, key, "expected a single value")
	}
	return "", false, false
}

// text gives a required value that is not empty and stays on one line.
func (m *mapping) text(key string) string {
	text, _, ok := m.scalar(key, true)
	const most = 200
	if ok && (strings.TrimSpace(text) == "" || len(text) > most || strings.ContainsFunc(text, unicode.IsControl)) {
		m.fail(nil, key, fmt.Sprintf("%s, expected one line of 1 to %d bytes", quote(text), most))
	}
	return text
}

// number gives a value in units of 10^-decimals; present is false where the
// key is absent.
func (m *mapping) number(key string, decimals int, required bool) (units int64, exact, present bool) {
	text, quoted, ok := m.scalar(key, required)
	if !ok {
		return 0, true, false
	}
	units, exact, err := energy.ParseDecimal(text, decimals)
	if err != nil || quoted {
		expected := fmt.Sprintf("%s, expected a number", quote(text))
		if quoted {
			expected += " without quotes"
		}
		m.fail(nil, key, expected)
		return 0, true, false
	}
	return units, exact, true
}

// boolean gives true or false, fallback where the key is absent.
func (m *mapping) boolean(key string, fallback bool) bool {
	text, quoted, ok := m.scalar(key, false)
	switch {
	case !ok:
		return fallback
	case !quoted && strings.EqualFold(text, "true"):
		return true
	case !quoted && strings.EqualFold(text, "false"):
		return false
	}
	m.fail(nil, key, fmt.Sprintf("%s, expected true or false", quote(text)))
	return fallback
}

// section gives the mapping under a key, nil where the key is absent.
func (m *mapping) section(key string, required bool) *mapping {
	node := m.take(key)
	if node == nil {
		if required {
			m.fail(nil, key, "missing")
		}
		return nil
	}
	if _, empty := node.(*ast.NullNode); empty && !required {
		return nil
	}
	section, err := newMapping(m.file, m.path+key+".", node)
	if err != nil {
		m.keep(err)
		return nil
	}
	return section
}

// list gives the mappings of a required list.
func (m *mapping) list(key string) []*mapping {
	node := m.take(key)
	if node == nil {
		m.fail(nil, key, "missing")
		return nil
	}
	sequence, ok := node.(*ast.SequenceNode)
	if !ok || len(sequence.Values) == 0 {
		m.fail(node, key, "expected a list with at least one entry")
		return nil
	}
	entries := make([]*mapping, 0, len(sequence.Values))
	for i, value := range sequence.Values {
		entry, err := newMapping(m.file, fmt.Sprintf("%s%s[%d].", m.path, key, i+1), value)
		if err != nil {
			m.keep(err)
			return nil
		}
		entries = append(entries, entry)
	}
	return entries
}

// keep takes over an error of a part.
func (m *mapping) keep(err error) {
	var found *Error
	if m.err == nil && errors.As(err, &found) {
		m.err = found
	}
}

// finish gives the first error, or one for the first key that nobody took.
func (m *mapping) finish() error {
	unknown := make([]string, 0, len(m.values))
	for key := range m.values {
		if !slices.Contains(m.known, key) {
			unknown = append(unknown, key)
		}
	}
	// An unknown key comes first: a misspelt one explains a missing one.
	if len(unknown) > 0 {
		sort.Slice(unknown, func(i, j int) bool { return lineOf(m.values[unknown[i]].Key) < lineOf(m.values[unknown[j]].Key) })
		key := unknown[0]
		return &Error{
			File: m.file, Line: lineOf(m.values[key].Key), Field: m.path + key,
			Expected: "unknown key, expected one of " + strings.Join(m.known, ", "),
		}
	}
	if m.err != nil {
		return m.err
	}
	return nil
}
