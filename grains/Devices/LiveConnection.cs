using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <summary>
/// A device's connection, now or last, as its grain knows it. Its gateway is the truth of it. Holds the parts of the request that are needed later and not the request,
/// because there may be a million of them.
/// </summary>
internal sealed class LiveConnection(AttachRequest request, GatewayLease? lease, long order, long generation, DateTimeOffset now)
{
    private readonly PackedAddress _clientAddress = new(request.ClientAddress);

    // Ticks of UTC, half as long as the times that they stand for.
    private long _since = now.UtcTicks;
    private long _lastSeen = now.UtcTicks;

    public Attachment Attachment { get; } = lease is null ? request.Attachment : request.Attachment with { Gateway = lease.Gateway };

    public IGatewayObserver Observer { get; } = lease is null ? request.Observer : SharedReference(lease, request.Observer);

    /// <summary>Its place among the device's connections.</summary>
    public long Order { get; } = order;

    /// <summary>Of its last attach.</summary>
    public long Generation { get; } = generation;

    public DeviceWill? Will { get; } = request.Will;

    public DeviceProtocol Protocol { get; } = request.Protocol;

    /// <summary>It goes on from before: its device was connected with it before this activation, or its session is an earlier one's.</summary>
    public bool GoesOn { get; set; } = request.Order > 0;

    /// <summary>Its client has shown nothing: what is registered under its name is not about it.</summary>
    public bool IsAnonymous { get; } = request.Credential.Kind == CredentialKind.Anonymous;

    public bool IsOnline { get; private set; } = true;

    /// <summary>Deliveries may be tried. Not between an attach that found something waiting and the gateway's word that it is open.</summary>
    public bool IsReady { get; set; }

    /// <summary>Its gateway has said that it is open: an older word to the contrary does not count any more.</summary>
    public bool HasOpened { get; private set; }

    public DateTimeOffset Since => new(_since, TimeSpan.Zero);

    public DateTimeOffset LastSeen => new(_lastSeen, TimeSpan.Zero);

    public void Opened()
    {
        HasOpened = true;
        IsReady = true;
    }

    public void Seen(DateTimeOffset now) => _lastSeen = now.UtcTicks;

    public void End(DateTimeOffset now)
    {
        IsOnline = false;
        IsReady = false;
        _since = now.UtcTicks;
    }

    public DeviceConnection ToView() => new(IsOnline, Attachment.Gateway, Since, LastSeen, Protocol, _clientAddress.ToString());

    // Every request brings its own copy of the reference; one for all devices of a shard is enough.
    private static IGatewayObserver SharedReference(GatewayLease lease, IGatewayObserver observer)
    {
        foreach (var shard in lease.Shards)
        {
            if (shard.Equals(observer))
            {
                return shard;
            }
        }

        return observer;
    }
}
