namespace IotPlatform.E2e.Tests.Cluster.Load;

/// <summary>A message arrived.</summary>
/// <param name="Session">The session it arrived in.</param>
/// <param name="Connection">Which connection of its device, counted from 1.</param>
/// <param name="IsMarked">The DUP flag.</param>
internal readonly record struct Arrival(SessionKey Session, int Connection, bool IsMarked);
