package salesforcesim

import "strings"

// node is a selected field, or a parent with selected fields of its own.
type node struct {
	key      []byte // `"Name":`
	csv      string // Account.Name
	field    int
	whole    bool
	children []node // of a parent
	parent   *object
	needs    mask // what children need of the parent
	row      *row // the parent's
}

// columns are the selected fields, parents grouped.
type columns struct {
	nodes []node
	needs mask
}

func newColumns(st *statement) *columns {
	c := &columns{}
	for i := range st.columns {
		p := &st.columns[i]
		c.nodes = addNode(c.nodes, p, 0, "")
		c.needs |= of(p.root())
	}
	return c
}

func addNode(list []node, p *path, depth int, prefix string) []node {
	o := p.owners[depth]
	if depth == len(p.steps) {
		f := &o.fields[p.field]
		return append(list, node{key: []byte(`"` + f.name + `":`), csv: prefix + f.name, field: p.field, whole: f.isWhole()})
	}
	name := o.fields[p.steps[depth]].relation
	at := -1
	for i := range list {
		if list[i].parent != nil && list[i].field == p.steps[depth] {
			at = i
		}
	}
	if at < 0 {
		at = len(list)
		list = append(list, node{key: []byte(`"` + name + `":`), field: p.steps[depth], parent: p.owners[depth+1], row: &row{}})
	}
	n := &list[at]
	n.children = addNode(n.children, p, depth+1, prefix+name+".")
	if depth+1 < len(p.steps) {
		n.needs |= of(p.steps[depth+1])
	} else {
		n.needs |= of(p.field)
	}
	return list
}

// jsonRow writes a record with its attributes.
func (c *columns) jsonRow(b []byte, v *view, t *table, at spot, r *row, base string) []byte {
	t.fill(at, c.needs, r)
	return appendObject(b, v, t, at, r, c.nodes, base)
}

func appendObject(b []byte, v *view, t *table, at spot, r *row, nodes []node, base string) []byte {
	b = append(append(b, `{"attributes":{"type":"`...), t.o.name...)
	b = append(append(append(b, `","url":"`...), base...), "/sobjects/"...)
	b = append(append(b, t.o.name...), '/')
	b = append(appendID(b, t.o.prefix, t.numberOf(at)), `"}`...)
	for i := range nodes {
		n := &nodes[i]
		b = append(append(b, ','), n.key...)
		if n.parent == nil {
			b = r.vals[n.field].appendJSON(b, n.whole)
			continue
		}
		pt, pat, ok := n.follow(v, r)
		if !ok {
			b = append(b, "null"...)
			continue
		}
		b = appendObject(b, v, pt, pat, n.row, n.children, base)
	}
	return append(b, '}')
}

// follow fills the parent's row; false when there is none.
func (n *node) follow(v *view, r *row) (*table, spot, bool) {
	id := r.vals[n.field]
	if id.k != kindText {
		return nil, spot{}, false
	}
	t, at, ok := v.resolve(string(id.b))
	if !ok || t.deleted(at) {
		return nil, spot{}, false
	}
	if t.o == n.parent {
		t.fill(at, n.needs, n.row)
		return t, at, true
	}
	var other row // the reference may point to several objects: fields by their name
	for f := range n.parent.fields {
		if !n.needs.has(f) {
			continue
		}
		n.row.vals[f] = null
		if same, ok := t.o.byName[strings.ToLower(n.parent.fields[f].name)]; ok {
			t.fill(at, of(same), &other)
			n.row.vals[f] = other.vals[same]
			other.arena = nil
		}
	}
	return t, at, true
}

// csvRow writes a record as a line of a Bulk result.
func (c *columns) csvRow(b []byte, v *view, t *table, at spot, r *row, f csvFormat) []byte {
	t.fill(at, c.needs, r)
	b = appendLine(b, v, r, c.nodes, f)
	return append(b[:len(b)-1], f.end...)
}

func appendLine(b []byte, v *view, r *row, nodes []node, f csvFormat) []byte {
	for i := range nodes {
		n := &nodes[i]
		if n.parent == nil {
			b = append(r.vals[n.field].appendCSV(b, n.whole), f.delimiter)
			continue
		}
		if _, _, ok := n.follow(v, r); ok {
			b = appendLine(b, v, n.row, n.children, f)
			continue
		}
		for range leaves(n.children) {
			b = append(b, '"', '"', f.delimiter)
		}
	}
	return b
}

func leaves(nodes []node) (n int) {
	for i := range nodes {
		if nodes[i].parent != nil {
			n += leaves(nodes[i].children)
		} else {
			n++
		}
	}
	return n
}

// csvFormat is what a Bulk job asked for.
type csvFormat struct {
	delimiter byte
	end       string
}

func (c *columns) header(b []byte, f csvFormat) []byte {
	b = appendNames(b, c.nodes, f)
	return append(b[:len(b)-1], f.end...)
}

func appendNames(b []byte, nodes []node, f csvFormat) []byte {
	for i := range nodes {
		if nodes[i].parent != nil {
			b = appendNames(b, nodes[i].children, f)
			continue
		}
		b = append(append(append(b, '"'), nodes[i].csv...), '"', f.delimiter)
	}
	return b
}
