using System.Diagnostics.CodeAnalysis;
using IotPlatform.Api.Access;

namespace IotPlatform.Unit.Tests.Grpc;

/// <summary>Knows one key.</summary>
internal sealed class OneKeyVerifier : IApiKeyVerifier
{
    public const string Key = "the-key";

    public bool TryVerify(ReadOnlySpan<char> key, [NotNullWhen(true)] out Caller? caller)
    {
        caller = key.SequenceEqual(Key) ? new Caller("tester") : null;
        return caller is not null;
    }
}
