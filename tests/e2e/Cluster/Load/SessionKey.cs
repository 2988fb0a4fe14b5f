namespace IotPlatform.E2e.Tests.Cluster.Load;

/// <summary>One session of a device: at which gateway, and which one there. A new one begins where CONNACK says that no session is present.</summary>
internal readonly record struct SessionKey(int Gateway, int Number);
