namespace IotPlatform.Bench.Load;

/// <summary>How many devices connect, and how many of them are on their way at a time.</summary>
internal sealed record ConnectLoad(int Devices, int ConnectingMax, int WarmUpDevices, TimeSpan Patience)
{
    /// <summary>How they log in at a platform; others let everybody in.</summary>
    public DeviceLogin Login { get; init; } = DeviceLogin.Open;
}
