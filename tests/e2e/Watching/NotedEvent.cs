using System.Text.Json;
using IotPlatform.E2e.Tests.Gateways;

namespace IotPlatform.E2e.Tests.Watching;

/// <summary>One event of a trace, as the API shows it.</summary>
internal sealed record NotedEvent(string Gateway, string Device, string ClientId, string Address, string Step, string Packet, string Topic, long QoS, long PacketId, long Bytes, string Outcome)
{
    public static NotedEvent[] AllOf(Answer answer) => [.. answer.Items("events").Select(Of)];

    /// <summary>What happened to what, and how that ended.</summary>
    public string Summary => $"{Step} {Packet} {Outcome}".Replace("  ", " ", StringComparison.Ordinal).Trim();

    private static NotedEvent Of(JsonElement body) => new(
        Answer.TextOf(body, "gatewayId"),
        Answer.TextOf(body, "deviceName"),
        Answer.TextOf(body, "clientId"),
        Answer.TextOf(body, "address"),
        Answer.TextOf(body, "step"),
        Answer.TextOf(body, "packet"),
        Answer.TextOf(body, "topic"),
        Answer.NumberOf(body, "qos"),
        Answer.NumberOf(body, "packetId"),
        Answer.NumberOf(body, "bytes"),
        Answer.TextOf(body, "outcome"));
}
