using System.Diagnostics;
using System.Security.Cryptography;

namespace IotPlatform.Bench.Measure;

/// <summary>What it costs to check one signature of a login, as the vendors' devices make them: an HMAC-SHA256 of their names and a time with their secret.</summary>
internal static class SignatureCost
{
    private const int Rounds = 5;
    private const int Signatures = 5_000;

    /// <summary>Microseconds of one, in this process, in the cheapest of some rounds.</summary>
    public static double Microseconds()
    {
        var secret = "0123456789abcdef0123456789abcdef"u8;
        var text = "clientIddemo.d000001deviceNamed000001productKeydemotimestamp1700000000000"u8;
        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var cheapest = TimeSpan.MaxValue;
        for (var round = 0; round < Rounds; round++)
        {
            var startedAt = Stopwatch.GetTimestamp();
            for (var index = 0; index < Signatures; index++)
            {
                HMACSHA256.HashData(secret, text, signature);
            }

            var elapsed = Stopwatch.GetElapsedTime(startedAt);
            cheapest = elapsed < cheapest ? elapsed : cheapest;
        }

        return cheapest.TotalMicroseconds / Signatures;
    }
}
