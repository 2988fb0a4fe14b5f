using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Tests.Support;

namespace IotPlatform.Mqtt.Tests.Golden;

/// <summary>What every row of every table must do.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string, string> ValidRows => Rows(isValid: true);

    public static TheoryData<string, string> RefusedRows => Rows(isValid: false);

    [Theory]
    [MemberData(nameof(ValidRows))]
    public void Packet_WhenValid_IsReadAsItsValue(string packet, string name)
    {
        var row = GoldenTables.Row(packet, name);
        var value = Wire.Read(row.Bytes, row.Version, row.Sender, out var error);
        Assert.Equal(ReasonCode.Success, error);
        Assert.Equal(Dump.Of(row.Value), Dump.Of(value));
    }

    [Theory]
    [MemberData(nameof(ValidRows))]
    public void Packet_WhenWritten_HasExactlyTheCanonicalBytes(string packet, string name)
    {
        var row = GoldenTables.Row(packet, name);
        Assert.Equal(Convert.ToHexString(row.CanonicalBytes), Convert.ToHexString(Wire.Write(row.Value!, row.Version)));
    }

    [Theory]
    [MemberData(nameof(ValidRows))]
    public void Packet_WhenReadAndWrittenAgain_StaysTheSame(string packet, string name)
    {
        var row = GoldenTables.Row(packet, name);
        var written = Wire.Write(Wire.Read(row.Bytes, row.Version, row.Sender, out _)!, row.Version);
        Assert.Equal(Convert.ToHexString(row.CanonicalBytes), Convert.ToHexString(written));
        Assert.Equal(Dump.Of(row.Value), Dump.Of(Wire.Read(written, row.Version, row.Sender, out _)));
    }

    [Theory]
    [MemberData(nameof(ValidRows))]
    public void Packet_WhenItArrivesByteByByte_NeedsMoreUntilItIsWhole(string packet, string name)
    {
        var bytes = GoldenTables.Row(packet, name).Bytes;
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(FrameStatus.NeedMore, Frame.TryRead(bytes.AsSpan(0, length), Frame.PacketBytesMax, out _));
        }

        Assert.Equal(FrameStatus.Complete, Frame.TryRead([.. bytes, 0xFF], Frame.PacketBytesMax, out var header));
        Assert.Equal(bytes.Length, header.TotalLength);
    }

    [Theory]
    [MemberData(nameof(ValidRows))]
    public void Packet_WhenItsBodyIsCutShort_IsNeverReadAsTheSameValue(string packet, string name)
    {
        var row = GoldenTables.Row(packet, name);
        Frame.TryRead(row.Bytes, Frame.PacketBytesMax, out var header);

        // Long bodies are there for their length only; their ends are enough.
        for (var length = Math.Max(0, header.BodyLength - 1000); length < header.BodyLength; length++)
        {
            var value = Wire.ReadBody(header, row.Bytes.AsSpan(header.HeaderLength, length), row.Version, row.Sender, out _);
            Assert.True(value is null || Dump.Of(value) != Dump.Of(row.Value) || row.Canonical is not null);
        }
    }

    [Theory]
    [MemberData(nameof(RefusedRows))]
    public void Packet_WhenInvalid_IsRefusedWithItsReason(string packet, string name)
    {
        var row = GoldenTables.Row(packet, name);
        var value = Wire.Read(row.Bytes, row.Version, row.Sender, out var error);
        Assert.Null(value);
        Assert.Equal(row.Error, error);
    }

    private static TheoryData<string, string> Rows(bool isValid)
    {
        var data = new TheoryData<string, string>();
        foreach (var (packet, rows) in GoldenTables.ByPacket)
        {
            foreach (var row in rows.Where(row => (row.Value is not null) == isValid))
            {
                data.Add(packet, row.Name);
            }
        }

        return data;
    }
}
