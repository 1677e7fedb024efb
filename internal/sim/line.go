package sim

// line is the requests that wait, oldest first. It keeps its memory: most of the time it is empty, and a slice that is cut
// at its front and grows at its back would be made anew for each request.
type line struct {
	list []Request
	head int // of list, the first that waits
}

func (l *line) len() int           { return len(l.list) - l.head }
func (l *line) first() Request     { return l.list[l.head] }
func (l *line) waiting() []Request { return l.list[l.head:] }

// add puts a request at the end.
func (l *line) add(r Request) {
	if l.head == len(l.list) {
		l.list, l.head = l.list[:0], 0
	} else if len(l.list) == cap(l.list) && l.head > len(l.list)/2 {
		l.list, l.head = append(l.list[:0], l.waiting()...), 0
	}
	l.list = append(l.list, r)
}

// take removes the first.
func (l *line) take() Request {
	l.head++
	return l.list[l.head-1]
}

// putBack puts a request at the front.
func (l *line) putBack(r Request) {
	if l.head == 0 {
		l.list = append(l.list, Request{})
		copy(l.list[1:], l.list)
		l.head = 1
	}
	l.head--
	l.list[l.head] = r
}
