namespace IotPlatform.Bench.Load;

/// <summary>The devices of one load and what they do once connected.</summary>
internal sealed record FleetOptions(int Devices, DeviceNames Names, IReadOnlyList<int> MqttPorts)
{
    /// <summary>A filter to subscribe to before a device counts as online; null when the server sends without subscription.</summary>
    public byte[]? SubscribeTo { get; init; }

    /// <summary>The same for a device that has a filter of its own.</summary>
    public Func<int, byte[]>? SubscribeToOf { get; init; }

    public int SubscribeQos { get; init; }

    /// <summary>Whether the server is to keep the session of a device that disconnects, and what comes for it meanwhile.</summary>
    public bool IsSessionKept { get; init; }

    /// <summary>What the devices show at their login; null where their names and any password will do.</summary>
    public IReadOnlyList<DeviceIdentity>? Identities { get; init; }

    /// <summary>A long one by default: the server watches it, and no device has to ping within a run.</summary>
    public TimeSpan KeepAlive { get; init; } = ConnectPacket.LongKeepAlive;

    /// <summary>Takes deliveries; null where none may come.</summary>
    public IDeliveryReceiver? Receiver { get; init; }

    /// <summary>The filter of a device; null when it subscribes to nothing.</summary>
    public byte[]? FilterOf(int device) => SubscribeToOf?.Invoke(device) ?? SubscribeTo;

    public DeviceIdentity IdentityOf(int device) => Identities?[device] ?? DeviceIdentity.Any(Names, device);
}
