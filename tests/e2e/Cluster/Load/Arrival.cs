namespace IotPlatform.E2e.Tests.Cluster.Load;

/// <summary>A message arrived.</summary>
/// <param name="Session">The session it arrived in.</param>
/// <param name="Connection">Which connection of its device, counted from 1.</param>
/// <param name="IsMarked">The DUP flag.</param>
/// <param name="OpenedAt">When its connection began, or a moment earlier.</param>
/// <param name="SessionNumber">Which session of its device, wherever: a new one begins where CONNACK says that none is present.</param>
internal readonly record struct Arrival(SessionKey Session, int Connection, bool IsMarked, long OpenedAt, int SessionNumber);
