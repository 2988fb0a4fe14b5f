using IotPlatform.Mqtt.Codec;
using IotPlatform.Mqtt.Tests.Golden;
using IotPlatform.Mqtt.Tests.Support;
using Xunit.Abstractions;

namespace IotPlatform.Mqtt.Tests.Properties;

/// <summary>Golden packets with bytes changed, dropped, doubled and cut: whatever arrives, a reader answers, and what it accepts it can write.</summary>
public sealed class MutationFuzzTests(ITestOutputHelper output)
{
    private const int RoundsPerSeed = 40_000;

    private static readonly byte[][] Corpus = [.. GoldenTables.All.Select(row => row.Bytes).Where(bytes => bytes.Length < 512)];

    [Fact]
    public void Reader_OfMutatedPackets_NeverThrowsAndAcceptsOnlyWhatItCanWrite()
    {
        foreach (var seed in Seeds.Each(output))
        {
            var random = new Random((int)seed);
            for (var round = 0; round < RoundsPerSeed; round++)
            {
                var bytes = Mutate(Corpus[random.Next(Corpus.Length)], random);
                ReadAll(bytes, ProtocolVersion.Mqtt311);
                ReadAll(bytes, ProtocolVersion.Mqtt500);
            }
        }
    }

    [Fact]
    public void Reader_OfNoise_NeverThrows()
    {
        foreach (var seed in Seeds.Each(output))
        {
            var random = new Random((int)seed);
            for (var round = 0; round < RoundsPerSeed / 4; round++)
            {
                var body = new byte[random.Next(40)];
                random.NextBytes(body);
                var header = new FixedHeader((PacketType)random.Next(1, 16), (byte)random.Next(16), 2, body.Length);
                AcceptOrRefuse(header, body, (ProtocolVersion)random.Next(4, 6));
            }
        }
    }

    private static byte[] Mutate(byte[] packet, Random random)
    {
        var bytes = new List<byte>(packet);
        for (var i = random.Next(1, 4); i > 0 && bytes.Count > 0; i--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    bytes.RemoveAt(at);
                    break;
                case 3:
                    bytes.Insert(at, bytes[random.Next(bytes.Count)]);
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes[at] = bytes[random.Next(bytes.Count)];
                    break;
            }
        }

        return [.. bytes];
    }

    // The first two bytes are also taken for a header whose length is right, so that most mutations reach the packet's own reader.
    private static void ReadAll(byte[] bytes, ProtocolVersion version)
    {
        if (Frame.TryRead(bytes, bytes.Length, out var header) == FrameStatus.Complete)
        {
            AcceptOrRefuse(header, bytes.AsSpan(header.HeaderLength, header.BodyLength), version);
        }

        if (bytes.Length >= 2 && bytes[0] >> 4 != 0)
        {
            AcceptOrRefuse(new FixedHeader((PacketType)(bytes[0] >> 4), (byte)(bytes[0] & 0x0F), 2, bytes.Length - 2), bytes.AsSpan(2), version);
        }
    }

    private static void AcceptOrRefuse(FixedHeader header, ReadOnlySpan<byte> body, ProtocolVersion version)
    {
        // The body stands between guard bytes that make every text that runs over an end ill-formed.
        var guarded = new byte[body.Length + 16];
        guarded.AsSpan().Fill(0xFF);
        body.CopyTo(guarded.AsSpan(8));
        foreach (var sender in (Sender[])[Sender.Client, Sender.Server])
        {
            var value = Wire.ReadBody(header, guarded.AsSpan(8, body.Length), version, sender, out var error);
            if (value is null)
            {
                Assert.True(error.IsFailure());
                continue;
            }

            var spoken = value is Packets.ConnectPacket connect ? connect.Version : version;
            var written = Wire.Write(value, spoken);
            Assert.Equal(Dump.Of(value), Dump.Of(Wire.Read(written, spoken, sender, out _)));
        }
    }
}
