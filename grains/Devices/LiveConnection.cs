using IotPlatform.Gateways;

namespace IotPlatform.Devices;

/// <summary>A device's connection, now or last, as its grain knows it. Its gateway is the truth of it.</summary>
internal sealed class LiveConnection(AttachRequest request, long order, DateTimeOffset now)
{
    public Attachment Attachment => request.Attachment;

    /// <summary>Its place among the device's connections.</summary>
    public long Order => order;

    public DeviceWill? Will => request.Will;

    public IGatewayObserver Observer => request.Observer;

    public DeviceProtocol Protocol => request.Protocol;

    public int ReceiveMaximum => request.ReceiveMaximum;

    public bool IsOnline { get; private set; } = true;

    /// <summary>Deliveries may be tried. Not between an attach that found something waiting and the gateway's word that it is open.</summary>
    public bool IsReady { get; set; }

    /// <summary>Its gateway has said that it is open: an older word to the contrary does not count any more.</summary>
    public bool HasOpened { get; private set; }

    public DateTimeOffset Since { get; private set; } = now;

    public DateTimeOffset LastSeen { get; private set; } = now;

    public void Opened()
    {
        HasOpened = true;
        IsReady = true;
    }

    public void Seen(DateTimeOffset now) => LastSeen = now;

    public void End(DateTimeOffset now)
    {
        IsOnline = false;
        IsReady = false;
        Since = now;
    }

    public DeviceConnection ToView() =>
        new(IsOnline, request.Attachment.Gateway, Since, LastSeen, request.Protocol, request.ClientAddress);
}
