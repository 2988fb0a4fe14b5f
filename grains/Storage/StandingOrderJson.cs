using System.Text.Json;
using System.Text.Json.Serialization;
using IotPlatform.Orders;

namespace IotPlatform.Storage;

/// <summary>Standing orders as they are stored: as JSON, which whoever looks into the database can read.</summary>
[JsonSerializable(typeof(Ban))]
[JsonSerializable(typeof(TraceOrder))]
internal sealed partial class StandingOrderJson : JsonSerializerContext
{
    /// <summary>The kind of a row that holds a ban.</summary>
    public const string BanKind = "ban";

    /// <summary>The kind of a row that holds a trace.</summary>
    public const string TraceKind = "trace";

    public static string Of(Ban ban) => JsonSerializer.Serialize(ban, Default.Ban);

    public static string Of(TraceOrder trace) => JsonSerializer.Serialize(trace, Default.TraceOrder);

    /// <param name="rows">The kind and the content of each row.</param>
    public static StandingOrders ToOrders(IReadOnlyList<(string Kind, string Content)> rows) => StandingOrders.None with
    {
        Bans = [.. rows.Where(static row => row.Kind == BanKind).Select(static row => JsonSerializer.Deserialize(row.Content, Default.Ban)!)],
        Traces = [.. rows.Where(static row => row.Kind == TraceKind).Select(static row => JsonSerializer.Deserialize(row.Content, Default.TraceOrder)!)],
    };
}
