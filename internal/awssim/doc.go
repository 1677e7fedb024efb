// Package awssim puts the modelled account of package sim behind the wire protocols of AWS, on loopback: what an AWS
// SDK or the AWS CLI sends to SageMaker, Application Auto Scaling, CloudWatch and STS is answered here as AWS answers
// it. It is the backend of the demo, of tests from end to end, and of load and fault runs.
//
// A request passes through four layers, each in files of its own: the server chooses the world, the protocol turns
// bytes into a record, the operation turns the record and the world into another record, the protocol turns that into
// bytes. Operations know no protocol and protocols know no operation, which is why CloudWatch speaks three protocols
// without anything being written three times.
//
// Beside the protocols of AWS it speaks one of its own: at ClockPath it tells its clock to exporters in other processes,
// which may so share it however fast it runs.
//
// Signatures are not verified: the Authorization header only says which account and region a request is for.
package awssim
