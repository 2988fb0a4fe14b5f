namespace IotPlatform.Sessions;

/// <summary>The limits of one client. The values of the <c>limit</c> tag.</summary>
internal static class ClientLimit
{
    public const string ClientId = "client_id";
    public const string Topic = "topic";
    public const string Subscriptions = "subscriptions";
    public const string Filters = "filters";
    public const string PublishRate = "publish_rate";
    public const string PacketBytes = "packet_bytes";
    public const string ReceiveMaximum = "receive_maximum";
}
