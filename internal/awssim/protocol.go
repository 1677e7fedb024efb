package awssim

import "net/http"

// protocol turns bytes into the neutral form and back. The answers are whole bodies, so that faults can be made of
// them.
type protocol interface {
	// decode reads the input of an operation.
	decode(body []byte) (args, error)
	// answer writes the output of an operation that succeeded.
	answer(header http.Header, operation, requestID string, output record) []byte
	// status is the HTTP status of an error.
	status(code string) int
	// failure writes an error, whose status is known.
	failure(header http.Header, requestID string, f *failure) []byte
}

// sender tells whose fault an error is, as the protocols put it.
func (f *failure) sender() string {
	if f.status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}
