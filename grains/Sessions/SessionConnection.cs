using IotPlatform.Devices;
using IotPlatform.Gateways;

namespace IotPlatform.Sessions;

/// <summary>The connection that a session has.</summary>
/// <param name="attachment">The connection.</param>
/// <param name="observer">Where its gateway takes what is pushed.</param>
/// <param name="receiveMaximum">Unacknowledged messages that its client takes at once.</param>
internal sealed class SessionConnection(Attachment attachment, IGatewayObserver observer, int receiveMaximum)
{
    public Attachment Attachment => attachment;

    public IGatewayObserver Observer => observer;

    public int ReceiveMaximum => receiveMaximum;

    /// <summary>Its client has CONNACK: it may be sent to.</summary>
    public bool IsResumed { get; set; }

    /// <summary>It waits for its turn to be sent to.</summary>
    public bool IsWaiting { get; set; }
}
