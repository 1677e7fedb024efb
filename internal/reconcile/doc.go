// Package reconcile brings endpoints to their policies, one at a time. A round of an endpoint is one straight function: it
// reads the endpoint with all of its variants, plans it, and goes through the steps. Right before each write it reads
// again what the step rests on, and last the object itself; if that is not what the plan saw, the rest of the variant is
// withheld. At the end it reads the endpoint again and says whether it converged.
package reconcile
