// Package runlore is the Go client of Runlore, the typed metadata service between experiment and production.
//
// [Dial] connects; the [Client] has a generated stub for each service of the contract, and the few things that a
// generated stub cannot give: [Client.Resolve] with a last-known-good cache, [Client.Watch] that outlives its
// connections, [Client.Pull] and [Client.Push] of verified files, and [MetricWriter], which stores each point exactly
// once.
//
// Every call through the client carries the workspace and the actor, has a deadline, is tried again where trying twice
// is safe, and fails with an [*Error] that says why in a form for programs.
package runlore
