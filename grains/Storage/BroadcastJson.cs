using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using IotPlatform.Broadcasts;

namespace IotPlatform.Storage;

/// <summary>The lists of a broadcast as they are stored: as JSON, which whoever looks into the database can read.</summary>
[JsonSerializable(typeof(ImmutableArray<GatewayTally>))]
[JsonSerializable(typeof(BroadcastFilter))]
internal sealed partial class BroadcastJson : JsonSerializerContext
{
    public static string Of(ImmutableArray<GatewayTally> gateways) =>
        gateways.IsDefaultOrEmpty ? "[]" : JsonSerializer.Serialize(gateways, Default.ImmutableArrayGatewayTally);

    public static string? Of(BroadcastFilter? filter) => filter is null ? null : JsonSerializer.Serialize(filter, Default.BroadcastFilter);

    public static ImmutableArray<GatewayTally> Gateways(string json) => json == "[]" ? [] : JsonSerializer.Deserialize(json, Default.ImmutableArrayGatewayTally);

    public static BroadcastFilter? Filter(string? json) => json is null ? null : JsonSerializer.Deserialize(json, Default.BroadcastFilter);
}
