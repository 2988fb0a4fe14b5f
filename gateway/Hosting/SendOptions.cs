namespace IotPlatform.Hosting;

/// <summary>
/// How many device messages this gateway takes from its callers, whichever way they are sent. Section <c>Messages</c>, which the grains read as well: what they
/// keep of messages is theirs.
/// </summary>
public sealed class SendOptions
{
    /// <summary>Messages a second for devices of one product. Default 50,000: beyond what a gateway gets done, so that it only keeps a loop from taking all. 0: no limit.</summary>
    public int SendsPerSecondPerProduct { get; set; } = 50_000;

    /// <summary>Messages at once that are still taken for a product. Default: as many as in a second.</summary>
    public int? SendsBurstPerProduct { get; set; }

    /// <summary>Messages a second from one caller, who is the owner of a key. Default 50,000. 0: no limit.</summary>
    public int SendsPerSecondPerCaller { get; set; } = 50_000;

    /// <summary>Messages at once that are still taken from a caller. Default: as many as in a second.</summary>
    public int? SendsBurstPerCaller { get; set; }

    /// <summary>
    /// Messages of one stream that may be under way: read, and their answers not written yet. Then the stream is not read until some are answered. Default
    /// 1,000: with a store that commits every few milliseconds enough for what one connection carries.
    /// </summary>
    public int UnderWayPerStreamMax { get; set; } = 1_000;

    /// <summary>Bytes of their payloads and topics that may be under way; the one that reaches it is still taken. Default 16 MiB.</summary>
    public int UnderWayBytesPerStreamMax { get; set; } = 16 * 1024 * 1024;
}
