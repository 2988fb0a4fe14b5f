namespace IotPlatform.Bench.Load;

/// <summary>How many devices connect, and how many of them are on their way at a time.</summary>
internal sealed record ConnectLoad(int Devices, int ConnectingMax, int WarmUpDevices, TimeSpan Patience);
