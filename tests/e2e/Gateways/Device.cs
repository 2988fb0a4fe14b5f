using System.Text;
using IotPlatform.Mqtt;
using IotPlatform.Mqtt.Packets;

namespace IotPlatform.E2e.Tests.Gateways;

/// <summary>A registered device and what it logs in with.</summary>
internal sealed record Device(string ProductKey, string Name, string Secret)
{
    public string UserName => $"{Name}&{ProductKey}";

    public ReadOnlyMemory<byte> Password => Encoding.UTF8.GetBytes(Secret);

    /// <summary>A topic of the device's own branch.</summary>
    public string Topic(string suffix) => $"/{ProductKey}/{Name}/{suffix}";

    /// <summary>Where messages arrive that name no topic.</summary>
    public string MessageTopic(string messageId) => $"/sys/{ProductKey}/{Name}/message/request/{messageId}";

    /// <summary>Where broadcasts arrive that name no topic.</summary>
    public string BroadcastTopic(string messageId) => $"/sys/{ProductKey}/{Name}/broadcast/request/{messageId}";

    /// <summary>A login that is right.</summary>
    public ConnectPacket Connect(
        ProtocolVersion version = ProtocolVersion.Mqtt500,
        string? clientId = null,
        bool cleanStart = true,
        ushort keepAlive = 0,
        uint? sessionExpiry = null,
        WillMessage? will = null,
        ushort? receiveMaximum = null,
        uint? maximumPacketSize = null,
        string? secret = null) => new()
        {
            Version = version,
            ClientId = clientId ?? Name,
            CleanStart = cleanStart,
            KeepAlive = keepAlive,
            SessionExpiryInterval = sessionExpiry,
            Will = will,
            ReceiveMaximum = receiveMaximum,
            MaximumPacketSize = maximumPacketSize,
            UserName = UserName,
            Password = secret is null ? Password : Encoding.UTF8.GetBytes(secret),
        };
}
