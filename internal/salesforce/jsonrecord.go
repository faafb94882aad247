package salesforce

import "unicode/utf8"

// record reads one record into the buffer, as far as the tree asks for it.
func (s *scanner) record(n *node, b *rowBuffer, depth int) error {
	if depth > maxDepth {
		return errSyntax
	}
	n.next = 0
	return s.list('{', '}', func() error {
		key, err := s.key()
		if err != nil {
			return err
		}
		return s.value(n.child(key), b, depth)
	})
}

func (s *scanner) value(n *node, b *rowBuffer, depth int) error {
	if len(b.arena) > maxRecordBytes {
		return errRecord
	}
	first, err := s.peek()
	if err != nil {
		return err
	}
	from := len(b.arena)
	switch {
	case n == nil:
		return s.skip()
	case first == '{' && len(n.children) > 0:
		return s.record(n, b, depth+1)
	case len(n.children) > 0: // a parent that is null: all its fields are
		return s.skip()
	case first == '"':
		b.arena, err = s.text(b.arena)
	case first == '{' || first == '[':
		b.arena, err = s.keep(b.arena)
	default:
		if b.arena, err = s.bare(b.arena); err == nil && string(b.arena[from:]) == "null" {
			b.arena, b.spans[n.index].from = b.arena[:from], -1
			return nil
		}
	}
	if err == nil {
		b.set(n.index, from)
	}
	return err
}

// validText is utf8.Valid with a short cut for what most values are.
func validText(text []byte) bool {
	for _, b := range text {
		if b >= utf8.RuneSelf {
			return utf8.Valid(text)
		}
	}
	return true
}
