// Package simulate replays a trace of requests through the model of package sim with the present policy and with others,
// compares what came of them, and searches for the cheapest that keeps an objective. It is pure: whoever calls it carries
// the replays out, in parallel if he likes, and the same study has the same results.
package simulate
