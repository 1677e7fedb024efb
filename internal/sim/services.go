package sim

// services are what is being served, as a heap by end. It is container/heap's way without its boxing, which is half of
// the time of a replay.
type services []service

// push adds one.
func (s *services) push(one service) {
	*s = append(*s, one)
	s.up(len(*s) - 1)
}

// pop takes out the one that ends first.
func (s *services) pop() service { return s.remove(0) }

// remove takes out the one at i.
func (s *services) remove(i int) service {
	list := *s
	last := len(list) - 1
	list[i], list[last] = list[last], list[i]
	one := list[last]
	*s = list[:last]
	if i < last && !s.down(i) {
		s.up(i)
	}
	return one
}

func (s *services) up(i int) {
	list := *s
	for i > 0 {
		parent := (i - 1) / 2
		if list[parent].ends <= list[i].ends {
			return
		}
		list[parent], list[i] = list[i], list[parent]
		i = parent
	}
}

// down tells whether it moved.
func (s *services) down(i int) bool {
	list, from := *s, i
	for {
		child := 2*i + 1
		if child >= len(list) {
			break
		}
		if right := child + 1; right < len(list) && list[right].ends < list[child].ends {
			child = right
		}
		if list[child].ends >= list[i].ends {
			break
		}
		list[child], list[i] = list[i], list[child]
		i = child
	}
	return i > from
}
