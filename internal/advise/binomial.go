package advise

// AtLeast is the share of all tries that succeed, at least, with a confidence of 95 %, where so many of n independent ones did:
// were the share smaller, so many would succeed in fewer than one of twenty studies (Clopper and Pearson's lower bound).
func AtLeast(n, succeeded int) float64 {
	low, high := 0.0, 1.0
	for range 50 {
		if middle := (low + high) / 2; tail(n, succeeded, middle) < .05 {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// tail is the probability of at least k of n, each of which has probability p.
func tail(n, k int, p float64) (sum float64) {
	if k == 0 {
		return 1
	}
	one := 1.0 // of exactly i, by the one before it; n is small
	for range n {
		one *= 1 - p
	}
	for i := 0; i <= n; i++ {
		if i >= k {
			sum += one
		}
		one *= float64(n-i) / float64(i+1) * p / max(1-p, 1e-300)
	}
	return sum
}
