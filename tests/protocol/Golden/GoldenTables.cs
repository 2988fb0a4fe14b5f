namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>All tables by the packet they are about.</summary>
internal static class GoldenTables
{
    public static readonly IReadOnlyDictionary<string, GoldenRow[]> ByPacket = new Dictionary<string, GoldenRow[]>
    {
        ["FRAME"] = FrameTable.Rows,
        ["CONNECT"] = ConnectTable.Rows,
        ["CONNACK"] = ConnAckTable.Rows,
        ["PUBLISH"] = PublishTable.Rows,
        ["PUBACK..PUBCOMP"] = AcknowledgementTable.Rows,
        ["SUBSCRIBE"] = SubscribeTable.Rows,
        ["SUBACK"] = SubAckTable.Rows,
        ["UNSUBSCRIBE"] = UnsubscribeTable.Rows,
        ["UNSUBACK"] = UnsubAckTable.Rows,
        ["PING"] = PingTable.Rows,
        ["DISCONNECT"] = DisconnectTable.Rows,
        ["AUTH"] = AuthTable.Rows,
    };

    public static IEnumerable<GoldenRow> All => ByPacket.Values.SelectMany(rows => rows);

    public static GoldenRow Row(string packet, string name) => ByPacket[packet].Single(row => row.Name == name);
}
