namespace IotPlatform.Grpc;

/// <summary>The caller reset its stream or left. It may be noticed here before the call's token fires.</summary>
internal sealed class CallerGoneException(Exception? innerException = null) : OperationCanceledException("The caller is gone.", innerException);
