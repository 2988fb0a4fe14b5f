using System.Collections.Immutable;
using Orleans;

namespace IotPlatform.Unit.Tests.Contracts;

/// <summary>Contracts that break one rule each.</summary>
public static class BadContracts
{
    [GenerateSerializer, Immutable, Alias("good")]
    public sealed record Good([property: Id(0)] string Name, [property: Id(1)] ImmutableArray<int> Numbers)
    {
        public bool IsNamed => Name.Length > 0;
    }

    [GenerateSerializer, Immutable, Alias("good-struct")]
    public readonly record struct GoodStruct([property: Id(0)] long Number);

    [Immutable, Alias("a")]
    public sealed record NoSerializer([property: Id(0)] string Name);

    [GenerateSerializer, Immutable]
    public sealed record NoAlias([property: Id(0)] string Name);

    [GenerateSerializer, Alias("b")]
    public sealed record NotImmutable([property: Id(0)] string Name);

    [GenerateSerializer, Immutable, Alias("c")]
    public record NotSealed([property: Id(0)] string Name);

    [GenerateSerializer, Immutable, Alias("d")]
    public sealed class NoRecord;

    [GenerateSerializer, Immutable, Alias("e")]
    public record struct NotReadOnly;

    [GenerateSerializer, Immutable, Alias("f")]
    public sealed record OneIdMissing([property: Id(0)] string Name, string Other);

    [GenerateSerializer, Immutable, Alias("g")]
    public sealed record IdTwice([property: Id(0)] string Name, [property: Id(0)] string Other);

    [GenerateSerializer, Immutable, Alias("h")]
    public sealed record Settable([property: Id(0)] string Name)
    {
        [Id(1)]
        public string? Other { get; set; }
    }

    [GenerateSerializer, Immutable, Alias("i")]
    public sealed record WithAList([property: Id(0)] List<string> Names);

    [GenerateSerializer, Immutable, Alias("j")]
    public sealed record WithAnArray([property: Id(0)] ImmutableArray<byte[]> Payloads);

    [GenerateSerializer, Immutable, Alias("k")]
    public sealed record WithAForeignType([property: Id(0)] Exception Failure);

    [Alias("l")]
    public enum EnumWithoutSerializer
    {
        None,
    }

    [GenerateSerializer, Immutable, Alias("twice")]
    public sealed record OneOfTwo;

    [GenerateSerializer, Immutable, Alias("twice")]
    public sealed record OtherOfTwo;

    [GenerateSerializer, Alias("good-exception")]
    public sealed class GoodException : Exception
    {
        public GoodException(string message)
            : base(message)
        {
        }
    }

    [Alias("r")]
    public sealed class NoSerializerException : Exception;

    [GenerateSerializer, Alias("s")]
    public class NotSealedException : Exception;

    [GenerateSerializer]
    public sealed class NoAliasException : Exception;

    [GenerateSerializer, Alias("t")]
    public sealed class PropertyException : Exception
    {
        public int Code => HResult;
    }

    [GenerateSerializer, Alias("u")]
    public sealed class FieldException(int code) : Exception
    {
        private readonly int _code = code;

        public bool IsOf(int code) => code == _code;
    }

    [GenerateSerializer, Alias("twice")]
    public sealed class TwiceException : Exception;

    public interface INoAlias : IGrainWithStringKey
    {
        [Alias("call")]
        Task CallAsync();
    }

    [Alias("m")]
    public interface INoMethodAlias : IGrainWithStringKey
    {
        Task CallAsync();
    }

    [Alias("n")]
    public interface IMethodAliasTwice : IGrainWithStringKey
    {
        [Alias("call")]
        Task CallAsync();

        [Alias("call")]
        Task CallAgainAsync();
    }

    [Alias("o")]
    public interface IMutableParameter : IGrainWithStringKey
    {
        [Alias("call")]
        Task CallAsync(List<int> numbers);
    }

    [Alias("p")]
    public interface IMutableResult : IGrainWithStringKey
    {
        [Alias("call")]
        Task<byte[]> CallAsync();
    }

    [Alias("q")]
    public interface INoTask : IGrainWithStringKey
    {
        [Alias("call")]
        ValueTask CallAsync();
    }
}
