using IotPlatform.Mqtt;

namespace IotPlatform.Unit.Tests.Sessions.Model;

/// <summary>A PUBLISH or PUBREL that a client must get.</summary>
internal sealed record ModelPacket(PacketType Type, ModelMessage Message)
{
    /// <summary>Whether DUP is set.</summary>
    public bool IsDuplicate { get; init; }
}
