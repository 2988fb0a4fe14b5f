using System.Reflection;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using IotPlatform.Grpc;

namespace IotPlatform.Unit.Tests.Rest;

/// <summary>Binds every unary method of a service to a handler that answers with an empty message, and leaves out the others.</summary>
internal static class AnyService
{
    private static readonly MethodInfo BindMethod = typeof(AnyService).GetMethod(nameof(Bind), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static GrpcServiceDefinition Define(ServiceDescriptor descriptor)
    {
        var builder = GrpcServiceDefinition.For(descriptor);
        foreach (var method in descriptor.Methods)
        {
            if (method.IsServerStreaming || method.IsClientStreaming)
            {
                builder.Unimplemented(method.Name);
                continue;
            }

            BindMethod.MakeGenericMethod(method.InputType.ClrType, method.OutputType.ClrType).Invoke(null, [builder, method.Name]);
        }

        return builder.Build();
    }

    private static void Bind<TRequest, TResponse>(GrpcServiceBuilder builder, string method)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>, new() =>
        builder.Unary<TRequest, TResponse>(method, (_, _) => Task.FromResult(new TResponse()));
}
