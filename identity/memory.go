package identity

import (
	"log/slog"
	"strings"
)

// ProtectMemory keeps what this process knows off disks, as far as the platform
// allows, for the rest of its life: no core dumps, no reading by other
// processes of the same user, no swapping out. What is not allowed is one line
// of the log and no error. It is for daemons; what it cannot do is written in
// docs/operations.md.
func ProtectMemory(logger *slog.Logger) {
	if missing := protectMemory(); len(missing) > 0 {
		logger.Warn("secrets in memory are less protected here", "missing", strings.Join(missing, "; "))
	}
}
